import { useMirror } from './mirror-testing';

const { asked, failing, setup, reading, whole } = useMirror();
const other = 'f'.repeat(40);
const modified = 'Mon, 06 May 2024 07:08:09 GMT';
const dated = 'Tue, 07 May 2024 01:02:03 GMT';

describe('a description without a date', () => {
  it.each([
    ['Last-Modified', { 'last-modified': modified, date: dated }, modified],
    ['Date', { date: dated }, dated],
    ['Date where Last-Modified is none', { 'last-modified': 'yesterday', date: dated }, dated],
  ])('is of %s', async (_what, dates: Record<string, string>, wanted) => {
    setup.hub.mirrorAs({ dates });
    expect((await reading()).lastModified).toEqual(new Date(wanted));
  });

  it('nor a header with one is of now', async () => {
    setup.hub.mirrorAs({ dates: {} });
    const before = Date.now();
    const { lastModified } = await reading();
    expect(lastModified.getTime()).toBeGreaterThanOrEqual(before);
    expect(lastModified.getTime()).toBeLessThanOrEqual(Date.now());
  });

  it('and without a model card has no licence, and is read with two requests all the same', async () => {
    setup.hub.mirrorAs({ dates: {} });
    expect(await reading()).toMatchObject({ licence: undefined, files: { length: 3 } });
    expect(asked()).toHaveLength(1);
  });
});

describe('a description without a commit', () => {
  it('is of the X-Repo-Commit of the answer, at which the rest is asked for', async () => {
    setup.hub.mirrorAs({ repoCommit: other });
    expect((await reading()).commit).toBe(other);
    expect(asked()[0]).toContain(`/tree/${other}?`);
  });

  it.each(['', 'main', '../up', 'F'.repeat(40)])(
    'nor a commit in X-Repo-Commit (%j) is of the revision as it was asked for',
    async (repoCommit) => {
      setup.hub.mirrorAs({ repoCommit, treeStatus: 404 });
      const { commit, files } = await reading();
      expect(commit).toBe('main');
      expect(files).toEqual([whole('onnx/model.onnx'), whole('config.json')]);
      expect(
        asked()
          .slice(1)
          .every((each) => each.includes('/resolve/main/')),
      ).toBe(true);
    },
  );

  it('is refused for a revision that is no plain name', async () => {
    setup.hub.mirrorAs({ repoCommit: '' });
    expect(await failing({}, 'refs/pr/1')).toMatch(
      /^acme\/reranker: 127.0.0.1:\d+ does not state the commit of the revision: name a commit, or a branch or tag without a slash$/,
    );
  });

  it('is the only one for which the header counts', async () => {
    setup.hub.describeAs(JSON.stringify({ sha: other, siblings: [] }));
    expect((await reading()).commit).toBe(other);
  });
});

it.each([{ sha: null, lastModified: null, cardData: null }, {}])(
  'members may be null or missing: %j',
  async (members) => {
    const siblings = [{ rfilename: 'config.json' }];
    setup.hub.describeAs(JSON.stringify({ siblings, ...members }));
    expect(await reading()).toMatchObject({ commit: setup.hub.commit, files: [whole('config.json')] });
  },
);
