/** The views of a ranking. */
export type ResultsTab = 'main' | 'moves' | 'code' | 'json';
