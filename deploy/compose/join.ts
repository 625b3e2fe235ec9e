// Arguments as for prepare.ts.
import { joinContainers } from '@chartseal/network/containers';
import { containerArguments } from './container-arguments.ts';

await joinContainers(containerArguments().options);
