import { readFile } from 'node:fs/promises';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Problem } from '../../domain/failures/problem.js';
import { Public } from '../http/access.decorator.js';
import { guidePage } from './guide-page.js';
import { problemPage } from './problem-page.js';

/** From the sources, and from the build, which lies one folder deeper. */
const PLACES = ['../../../docs/SETUP-SENTINELONE.md', '../../../../docs/SETUP-SENTINELONE.md'];

/** Where the errors' help links and the `type` of a problem point. */
@Public()
@ApiExcludeController()
@Controller()
export class HelpController {
  /** Made once: anybody may ask, as often as they like. */
  private guide: Promise<string> | undefined;
  private problemsPage: string | undefined;

  @Get('help/setup-sentinelone')
  @Header('content-type', 'text/html; charset=utf-8')
  setup() {
    return (this.guide ??= this.readGuide());
  }

  private async readGuide() {
    for (const place of PLACES) {
      const markdown = await readFile(new URL(place, import.meta.url), 'utf8').catch(nullWhenAbsent);
      if (markdown !== null) return guidePage(markdown);
    }
    throw new Problem('not_found', 'the setup guide is not part of this installation');
  }

  @Get('docs/problems')
  @Header('content-type', 'text/html; charset=utf-8')
  problems() {
    return (this.problemsPage ??= problemPage());
  }
}

function nullWhenAbsent(error: NodeJS.ErrnoException): null {
  if (error.code !== 'ENOENT') throw error;
  return null;
}
