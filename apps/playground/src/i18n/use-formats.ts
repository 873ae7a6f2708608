import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { htmlLang, type Language } from './language';

/** Formats numbers and dates for the page's language, where a translation does not format them. */
export function useFormats() {
  const { i18n } = useTranslation();
  const locale = htmlLang[i18n.language as Language];
  return useMemo(() => {
    const decimals = (digits: number) =>
      new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    const score = decimals(4);
    const logit = decimals(3);
    const one = decimals(1);
    const two = decimals(2);
    const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
    const when = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
    return {
      score: (value: number) => score.format(value),
      logit: (value: number) => logit.format(value),
      oneDecimal: (value: number) => one.format(value),
      twoDecimals: (value: number) => two.format(value),
      percent: (share: number) => percent.format(share),
      when: (atMs: number) => when.format(atMs),
    };
  }, [locale]);
}
