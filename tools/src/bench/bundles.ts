/** Folder of the bundle that a fleet serves unless it is told otherwise, below the repository's. */
export const defaultBundle = 'models/multilingual-e5-small/1';
