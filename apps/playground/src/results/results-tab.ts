/** How a ranking is looked at. */
export type ResultsTab = 'main' | 'moves' | 'code' | 'json';
