import { formatExecError, formatResultsErrors } from 'jest-message-util';

const STATUS = { done: 'passed', skip: 'pending', todo: 'todo' };
const STACKS = { noStackTrace: false };

/** The part of Jest's test result that follows from what jest-circus says of a file, as plain JSON. */
export function resultOf({ testResults, unhandledErrorsDetailed }, { path, rootDir }) {
  const config = { rootDir, testMatch: [] };
  const assertions = testResults.map(toAssertion);
  const count = (wanted) => assertions.filter(({ status }) => status === wanted).length;
  const whole = unhandledErrorsDetailed.map((error) =>
    formatExecError(error, config, STACKS, path),
  );
  const messages = [formatResultsErrors(assertions, config, STACKS, path), ...whole];
  return {
    numPassingTests: count('passed'),
    numFailingTests: count('failed'),
    numPendingTests: count('pending'),
    numTodoTests: count('todo'),
    testResults: assertions.map((assertion) => ({ ...assertion, failureDetails: [] })),
    failureMessage: messages.filter(Boolean).join('\n\n') || null,
    ...(whole.length > 0 && { testExecError: { message: '', stack: whole.join('\n') } }),
  };
}

/** Returns what Jest calls an assertion result. */
function toAssertion({ testPath, duration, status, errors, errorsDetailed, ...counted }) {
  const [, ...names] = testPath;
  return {
    ancestorTitles: names.slice(0, -1),
    title: names.at(-1),
    fullName: names.join(' '),
    duration,
    invocations: counted.invocations,
    location: null,
    numPassingAsserts: counted.numPassingAsserts,
    retryReasons: counted.retryReasons,
    startAt: counted.startedAt,
    status: errors.length > 0 ? 'failed' : STATUS[status],
    failureMessages: errors,
    failureDetails: errorsDetailed,
  };
}
