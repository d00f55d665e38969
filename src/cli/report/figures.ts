export { bytesText, countText, plural, rateText, secondsText } from '../../report/figures.js';
