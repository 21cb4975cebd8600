import { describeOnEveryBackend } from './backends-here.js';
import { operatorSuite } from './operators.js';

describeOnEveryBackend('operators', operatorSuite);
