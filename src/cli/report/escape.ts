export { escapeControl } from '../../report/escape.js';
