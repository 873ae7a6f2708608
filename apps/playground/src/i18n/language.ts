export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** The value of `<html lang>`. The Chinese texts use simplified characters. */
export const htmlLang = { en: 'en', zh: 'zh-CN' } as const satisfies Record<Language, string>;

/** The name of each language in that language. */
export const ownName = { en: 'English', zh: '中文' } as const satisfies Record<Language, string>;

function isLanguage(value: string | null | undefined): value is Language {
  return languages.some((language) => language === value);
}

/**
 * The first language of the page: the stored choice, otherwise the first supported language of the browser, otherwise
 * English.
 *
 * @param chosen the stored choice
 * @param wanted the browser's languages as BCP 47 tags, the most preferred first
 */
export function firstLanguage(chosen: string | null, wanted: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'en';
}
