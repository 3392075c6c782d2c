import React, { ComponentProps } from 'react';

import { QueryEditor } from './QueryEditor';

/** Annotations are one kind of query: the editor offers no other. */
export function AnnotationEditor(props: ComponentProps<typeof QueryEditor>) {
  return <QueryEditor {...props} only="annotations" />;
}
