/** Labels and bucket edges that several metrics share. */

export const model = { meaning: 'name of the bundle; exists once a worker has announced it' };
export const queue = { meaning: 'queue of the bundle, <name>@<version>' };

/** Bucket edges of a whole request in seconds. The queue wait has the same, so that the two can be compared. */
export const waitBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 2.5, 5, 10, 30, 60, 300];
