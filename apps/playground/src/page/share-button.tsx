import { Button, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconLink, IconShare } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toForm } from '../draft/draft';
import { useDraft } from '../draft/draft-context';
import { endpointUrl } from '../ranking/address';
import { encodeForm } from '../sharing/state';
import { CopyStatus } from '../widgets/copy-status';
import { HeaderButton } from '../widgets/header-button';
import { useCopy } from '../widgets/use-copy';

/** Shows a link that contains the whole form. */
export function ShareButton() {
  const { t } = useTranslation();
  const draft = useDraft();
  const [link, setLink] = useState<string | null>(null);
  const open = async () => {
    const url = new URL(endpointUrl(document.baseURI, ''));
    url.hash = await encodeForm(toForm(draft));
    setLink(url.href);
  };
  return (
    <>
      <HeaderButton icon={IconShare} label={t('form.share')} onClick={() => void open()} />
      <Modal
        opened={link !== null}
        onClose={() => setLink(null)}
        title={t('share.title')}
        closeButtonProps={{ 'aria-label': t('page.close') }}
      >
        {link !== null && <ShareLink link={link} />}
      </Modal>
    </>
  );
}

/** Some chat and mail programs cut links that are longer. */
const safeCharacters = 8_000;

function ShareLink({ link }: { link: string }) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  return (
    <Stack gap="sm">
      <Text size="sm">{t('share.text')}</Text>
      <TextInput
        label={t('share.link')}
        readOnly
        value={link}
        onFocus={({ currentTarget }) => currentTarget.select()}
        description={link.length > safeCharacters && t('share.long', { count: link.length })}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
      />
      <Button leftSection={<IconLink size={16} aria-hidden />} onClick={() => void copy(link)}>
        {t(state === 'copied' ? 'page.copied' : 'share.copy')}
      </Button>
      <CopyStatus state={state} />
    </Stack>
  );
}
