export default { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' };
