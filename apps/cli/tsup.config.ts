import { defineConfig } from 'tsup';
import { app, quickCommander } from '../../tsup.base.ts';

// One chunk a command: a start reads what the command line needs.
export default defineConfig({ ...app, banner: {}, splitting: true, esbuildPlugins: [quickCommander] });
