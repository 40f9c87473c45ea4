import { mountPolicyPage } from './policy-page.js';

mountPolicyPage(document.querySelector('main') ?? document.body);
