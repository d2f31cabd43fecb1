/** One event of a stream; `id` and `retry` are not read: an entry carries its own number. */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/** The other side may be anyone by the time it answers; what a snapshot sends at once is far less. In characters. */
const MAX_EVENT_LENGTH = 8 * 1024 * 1024;

/**
 * Reads Server-Sent Events as they come (HTML Living Standard §9.2.6): lines end in CR, LF or CRLF, a BOM and comments
 * are passed over, an event that the end of the stream cuts off is dropped.
 * Throws an Error for bytes that are not UTF-8, and for a line or an event longer than `maxEventLength` characters.
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  maxEventLength = MAX_EVENT_LENGTH,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const decode = utf8Decoder();
  const readLine = eventBuilder();
  /** The beginning of a line whose end has not come yet, in parts: joined once, however many they are. */
  let begun: string[] = [];
  let begunLength = 0;
  let afterReturn = false;
  let length = 0;

  for await (const bytes of body) {
    let text = decode(bytes);
    if (text === "") continue;
    // A CR ended its line when it came; an LF that comes only now belongs to it.
    if (afterReturn && text.startsWith("\n")) text = text.slice(1);
    afterReturn = text.endsWith("\r");

    let start = 0;
    for (const { 0: ending, index } of text.matchAll(/\r\n?|\n/g)) {
      const line = begun.join("") + text.slice(start, index);
      begun = [];
      begunLength = 0;
      start = index + ending.length;
      length = line === "" ? 0 : length + line.length;
      if (length > maxEventLength) throw tooLong(maxEventLength);
      const event = readLine(line);
      if (event !== undefined) yield event;
    }
    begun.push(text.slice(start));
    begunLength += text.length - start;
    if (length + begunLength > maxEventLength) throw tooLong(maxEventLength);
  }
}

/** Takes line by line, and gives the event that an empty line completes. */
function eventBuilder(): (line: string) => ServerSentEvent | undefined {
  let type = "";
  let data: string[] = [];
  return (line) => {
    if (line === "") {
      const event = data.length === 0 ? undefined : { type: type === "" ? "message" : type, data: data.join("\n") };
      type = "";
      data = [];
      return event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + (line[colon + 1] === " " ? 2 : 1));
    if (field === "event") type = value;
    else if (field === "data") data.push(value);
    return undefined;
  };
}

function utf8Decoder(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  return (bytes) => {
    try {
      return decoder.decode(bytes, { stream: true });
    } catch {
      throw new Error("sent what is not UTF-8");
    }
  };
}

function tooLong(limit: number): Error {
  return new Error(`sent an event of more than ${limit} characters`);
}
