import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { languages } from '../i18n/language';
import { ExampleLabel } from './example-label';
import classes from './form.module.css';
import { examplesIn, useExample } from './use-example';

/** Examples. Choosing one fills the form and ranks it. */
export function ExamplesMenu() {
  const { t } = useTranslation();
  const tryExample = useExample();
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" rightSection={<IconChevronDown size={14} aria-hidden />}>
          {t('form.examples')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className={classes.menu}>
        {languages.map((language) => (
          <Fragment key={language}>
            <Menu.Label>{t(`form.examplesIn.${language}`)}</Menu.Label>
            {examplesIn(language).map((example) => (
              <Menu.Item key={example.id} onClick={() => tryExample(example)}>
                <ExampleLabel example={example} />
              </Menu.Item>
            ))}
          </Fragment>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
