// Arguments as for prepare.ts.
import { joinContainers } from '../../network/src/containers.ts';
import { containerArguments } from './container-arguments.ts';

await joinContainers(containerArguments().options);
