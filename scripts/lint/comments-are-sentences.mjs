const FRAGMENT = /^[*\s]*(Of|What|Whether|Where|How|Those|Who|Whose|Why|Which)\s/;

/** Reports a comment that begins as a fragment does: readers should not have to guess who does what. */
export const commentsAreSentences = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      fragment:
        'A comment that begins with "{{word}}" lacks a subject or a verb: "Returns what …", "Tells whether …", "Holds …".',
    },
  },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        const [, word] = FRAGMENT.exec(comment.value) ?? [];
        if (word === undefined) continue;
        context.report({ loc: comment.loc, messageId: 'fragment', data: { word } });
      }
    },
  }),
};
