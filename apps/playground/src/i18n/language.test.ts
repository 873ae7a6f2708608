import { firstLanguage } from './language';

describe('firstLanguage', () => {
  test('takes the language that was chosen before, whatever the browser wants', () => {
    expect(firstLanguage('zh', ['en-GB'])).toBe('zh');
  });

  test("takes the first of the browser's languages that the page speaks, whatever its region or script", () => {
    expect(firstLanguage(null, ['fr-FR', 'zh-Hant-TW', 'en'])).toBe('zh');
    expect(firstLanguage(null, ['de', 'EN-US', 'zh'])).toBe('en');
  });

  test('falls back to English when neither is known', () => {
    expect(firstLanguage('tlh', ['fr'])).toBe('en');
    expect(firstLanguage(null, [])).toBe('en');
  });
});
