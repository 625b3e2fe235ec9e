export { printed } from './convert.ts';
export { createFhirPath } from './engine.ts';
export type { Element, FhirPath, More, Options } from './engine.ts';
export { FhirPathFault } from './fault.ts';
export { isSystem, toSystem } from './item.ts';
export type { FhirItem, Item, System } from './item.ts';
export { parse, typeNamed } from './parse.ts';
export type { Tree } from './parse.ts';
export type { Json, Property, Surroundings, TypeModel, TypeModels } from './type-models.ts';
