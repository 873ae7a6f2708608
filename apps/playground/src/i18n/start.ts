import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { type Language, firstLanguage, htmlLang } from './language';
import { zh } from './zh';

const chosenKey = 'rerank-fleet.language';

/** Starts the translations, and keeps the document's language and title in sync with them. */
export async function startTranslations(): Promise<void> {
  i18next.use(initReactI18next);
  i18next.on('languageChanged', (language: Language) => {
    document.documentElement.lang = htmlLang[language];
    document.documentElement.dir = i18next.dir(language);
    document.title = i18next.t('page.title');
  });
  await i18next.init({
    resources: { en: { translation: en }, zh: { translation: zh } },
    lng: firstLanguage(remembered(), navigator.languages),
    fallbackLng: false,
    // React escapes the texts.
    interpolation: { escapeValue: false },
    react: { useSuspense: false },
  });
}

/** Changes the page's language and stores the choice. */
export async function chooseLanguage(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  try {
    localStorage.setItem(chosenKey, language);
  } catch {
    // Without storage, the choice is lost with the page.
  }
}

function remembered(): string | null {
  try {
    return localStorage.getItem(chosenKey);
  } catch {
    return null;
  }
}
