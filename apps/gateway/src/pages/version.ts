import manifest from '../../package.json';

/** The version of this gateway in the API. */
export const version: string = manifest.version;
