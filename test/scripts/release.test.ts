import { expect, test } from 'vitest';
import { checkVersion, datedChangelog } from '../../scripts/release.js';

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n- New: $& and more.\n\n## 0.1.0 – 2026-11-01\n\n- The first.\n';

test('what is unreleased gets the version and the date, and an empty part stands above it', () => {
  expect(datedChangelog(CHANGELOG, '0.2.0', '2026-11-24')).toBe(
    '# Changelog\n\n## Unreleased\n\n## 0.2.0 – 2026-11-24\n\n- New: $& and more.\n\n## 0.1.0 – 2026-11-01\n\n- The first.\n',
  );
});

test('the only part of a changelog is dated too', () => {
  expect(datedChangelog('# Changelog\n\n## Unreleased\n\n- First.\n', '0.1.0', '2026-11-24')).toContain(
    '## 0.1.0 – 2026-11-24\n\n- First.\n',
  );
});

test.each([
  ['nothing is new', '# Changelog\n\n## Unreleased\n\n## 0.1.0 – 2026-11-01\n', '0.2.0', 'nothing under'],
  ['the version is there already', CHANGELOG, '0.1.0', '0.1.0 already'],
])('is refused where %s', (_, changelog, version, why) => {
  expect(() => datedChangelog(changelog, version, '2026-11-24')).toThrow(why);
});

test.each(['0.1.0', '0.0.9', 'v0.2.0', '1', ''])('version %j does not follow 0.1.0', (version) => {
  expect(() => checkVersion(version, '0.1.0')).toThrow(/is no version|does not come after/);
});

test.each(['0.1.1', '0.2.0', '1.0.0', '0.10.0'])('version %j follows 0.1.0', (version) => {
  expect(() => checkVersion(version, '0.1.0')).not.toThrow();
});
