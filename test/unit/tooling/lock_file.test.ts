// The lock file check: `npm ci` must work on every platform, and no registry may be written into the file.
import { describe, expect, it } from 'vitest';
import { lockProblems, missingPlatformEntries, platformOf } from '../../../scripts/check-lock.mjs';

describe('the lock file check', () => {
  it.each([
    ['@biomejs/cli-darwin-arm64', { os: ['darwin'], cpu: ['arm64'] }],
    ['@biomejs/cli-linux-x64-musl', { os: ['linux'], cpu: ['x64'], libc: ['musl'] }],
    ['@oxc-parser/binding-linux-arm-gnueabihf', { os: ['linux'], cpu: ['arm'], libc: ['glibc'] }],
    ['@oxc-parser/binding-win32-x64-msvc', { os: ['win32'], cpu: ['x64'] }],
    ['detect-libc', undefined],
  ])('reads the platform off the name %s', (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });

  it('refuses a lock file that lacks the packages of other platforms', () => {
    const lock = {
      packages: {
        'node_modules/tool': {
          version: '1.0.0',
          dev: true,
          optionalDependencies: { 'tool-linux-x64': '1.0.0', 'tool-darwin-arm64': '1.0.0' },
        },
        'node_modules/tool-linux-x64': { version: '1.0.0', optional: true },
      },
    };
    expect(lockProblems(lock)).toEqual(['node_modules/tool-darwin-arm64 is missing']);
    expect([...missingPlatformEntries(lock).values()]).toEqual([
      { version: '1.0.0', os: ['darwin'], cpu: ['arm64'], dev: true, optional: true },
    ]);
  });

  it('refuses an entry that names where it was fetched from', () => {
    const lock = { packages: { 'node_modules/a': { version: '1.0.0', resolved: 'somewhere' } } };
    expect(lockProblems(lock)).toEqual(['node_modules/a names a registry address (`resolved`)']);
  });
});
