import { tokenField } from "../form.ts";
import { attributes, html } from "../html.ts";
import type { Html } from "../html.ts";
import type { Visit } from "../visit.ts";
import { holderOf } from "../visitor.ts";
import type { Visitor } from "../visitor.ts";
import type { TaskName } from "./task.ts";

/** A form of the account page: its task says what it is for. */
export function taskForm(visit: Visit, visitor: Visitor, task: TaskName, content: Html): Html {
  const method = attributes({ method: "post", action: visit.link("/account"), novalidate: true });
  return html`<form${method} class="task-${task}">
${tokenField(visit, holderOf(visitor))}
<input type="hidden" name="task" value="${task}">
${content}
</form>`;
}
