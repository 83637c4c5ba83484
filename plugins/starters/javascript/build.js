// Makes `src/plugin.js`, with what it imports from beside it, into a component: `npm run build`, or `portcullis build`.

import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { DEFAULT_FEATURES, componentize } from '@bytecodealliance/componentize-js';

try {
  const { component } = await componentize({
    sourcePath: 'src/plugin.js',
    witPath: 'wit',
    worldName: 'plugin',
    // With every feature off the component is sealed: it imports nothing. What `console.log` prints goes nowhere, `Date`
    // and `Math.random` say what they said at the build, and `fetch` and timers stop the plugin.
    disableFeatures: DEFAULT_FEATURES,
  });
  await mkdir('build', { recursive: true });
  await writeFile('build/plugin.wasm', component);
} catch (error) {
  // The message is about your code; the stack would be the tool's. Where the first file cannot be parsed, Node says the place.
  console.error(error.message);
  spawnSync(process.execPath, ['--check', 'src/plugin.js'], { stdio: 'inherit' });
  process.exitCode = 1;
}
