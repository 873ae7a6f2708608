import manifest from '../../package.json';

/** Version of this gateway, as the API tells it. */
export const version: string = manifest.version;
