export { DiscernError, ERROR_CODES, type ErrorCode } from './errors.js';
