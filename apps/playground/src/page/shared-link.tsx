import { Alert } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDraftDispatch } from '../draft/draft-context';
import { type ShareProblem, decodeForm } from '../sharing/state';

type Notice = { kind: 'loaded' } | { kind: 'problem'; code: ShareProblem['code'] };

/** Loads the form from the address when the page is opened by a link, or when the fragment changes later. */
export function SharedLink() {
  const { t } = useTranslation();
  const [notice, setNotice] = useState<Notice>();
  const dispatch = useDraftDispatch();
  useEffect(() => {
    let latest = 0;
    const load = async () => {
      const fragment = location.hash.slice(1);
      // Any other fragment is an anchor in the page.
      if (fragment === '' || document.getElementById(fragment)) return;
      const link = (latest += 1);
      const shared = await decodeForm(fragment);
      // A smaller link that was opened later may be decoded first.
      if (link !== latest) return;
      if (shared.ok) dispatch({ type: 'formLoaded', form: shared.form });
      setNotice(shared.ok ? { kind: 'loaded' } : { kind: 'problem', code: shared.problem.code });
    };
    const onChange = () => void load();
    onChange();
    window.addEventListener('hashchange', onChange);
    return () => {
      latest += 1;
      window.removeEventListener('hashchange', onChange);
    };
  }, [dispatch]);
  if (!notice) return null;
  const isProblem = notice.kind === 'problem';
  return (
    <Alert
      className="page-wide"
      color={isProblem ? 'red' : 'accent'}
      role={isProblem ? 'alert' : 'status'}
      withCloseButton
      closeButtonLabel={t('page.close')}
      onClose={() => setNotice(undefined)}
    >
      {isProblem ? t(`share.problem.${notice.code}`) : t('share.loaded')}
    </Alert>
  );
}
