import { mountBundlePage } from './bundle-page.js';

mountBundlePage(document.querySelector('main') ?? document.body);
