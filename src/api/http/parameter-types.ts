// The document's maker looks at a route's parameters only where the compiler has noted their types, which it does not
// do here. What a parameter is its schema says; that there is one is noted here.
import type { INestApplication } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';

const COMPILERS_NOTE = 'design:paramtypes';

interface RouteArgument {
  readonly index: number;
}

export function noteParameterTypes(app: INestApplication): void {
  for (const module of app.get(ModulesContainer, { strict: false }).values()) {
    for (const { metatype } of module.controllers.values()) if (metatype !== null) noteFor(metatype);
  }
}

function noteFor(controller: { readonly prototype?: object } & object): void {
  const prototype = controller.prototype ?? {};
  for (const method of Object.getOwnPropertyNames(prototype)) {
    const routeArguments = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) as
      Readonly<Record<string, RouteArgument>> | undefined;
    if (routeArguments === undefined) continue;
    const count = 1 + Math.max(...Object.values(routeArguments).map(({ index }) => index));
    Reflect.defineMetadata(COMPILERS_NOTE, Array<unknown>(count).fill(Object), prototype, method);
  }
}
