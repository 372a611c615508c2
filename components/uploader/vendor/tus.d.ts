export { DetailedError, Upload, isSupported } from 'tus-js-client';
