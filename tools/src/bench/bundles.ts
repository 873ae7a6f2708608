/** Folder of the bundle that a fleet serves by default, relative to the repository. */
export const defaultBundle = 'models/multilingual-e5-small/1';
