export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** What `<html lang>` says; the text is in simplified characters. */
export const htmlLang = { en: 'en', zh: 'zh-CN' } as const satisfies Record<Language, string>;

/** A language's name in itself, as a reader of it looks for it. */
export const ownName = { en: 'English', zh: '中文' } as const satisfies Record<Language, string>;

function isLanguage(value: string | null | undefined): value is Language {
  return languages.some((language) => language === value);
}

/**
 * The language to begin with: the one chosen before, else the first of the browser's that the page speaks, else English.
 *
 * @param chosen what was remembered
 * @param wanted the browser's languages as BCP 47 tags, the dearest first
 */
export function firstLanguage(chosen: string | null, wanted: readonly string[]): Language {
  if (isLanguage(chosen)) return chosen;
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]).find(isLanguage) ?? 'en';
}
