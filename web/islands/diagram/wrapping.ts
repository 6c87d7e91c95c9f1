/** Breaks Chinese text inside shapes where a reader would. bpmn-js itself breaks anywhere, also before 。and ）. */

import TextRenderer from "bpmn-js/lib/draw/TextRenderer";
import type { TextLayoutConfig } from "diagram-js/lib/util/Text";

const NOT_FIRST = /^[）】》」』”’、，。；：？！…·%)\],.;:?!]/;
const NOT_LAST = /[（【《「『“‘([]$/;
const PADDING = 14;

export const FONTS = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

class WrappingTextRenderer extends TextRenderer {
  constructor(config?: ConstructorParameters<typeof TextRenderer>[0]) {
    const fonts = { fontFamily: FONTS };
    super({ defaultStyle: { ...fonts, ...config?.defaultStyle }, externalStyle: { ...fonts, ...config?.externalStyle } });
    const draw = this.createText;
    this.createText = (text, options) => draw(this.wrapped(text, options), options);
  }

  /** Only texts in the middle of a shape: labels outside fit their own drawn bounds and stay as they are. */
  private wrapped(text: string, options?: TextLayoutConfig): string {
    const width = options?.box?.width;
    if (!text || !width || options?.align !== "center-middle") return text;
    const { fontSize, fontFamily } = { ...this.getDefaultStyle(), ...options.style };
    return wrap(text, width - PADDING, measure(`${fontSize}px ${fontFamily}`));
  }
}
WrappingTextRenderer.$inject = ["config.textRenderer"];

export const WrappingModule = { textRenderer: ["type", WrappingTextRenderer] };

/** Lines of whole words, as few as fit, and about equally long. */
export function wrap(text: string, width: number, widthOf: (text: string) => number): string {
  return text.split(/\r?\n/).map((line) => balanced(words(line), width, widthOf)).join("\n");
}

function balanced(parts: string[], width: number, widthOf: (text: string) => number): string {
  const fewest = filled(parts, width, widthOf);
  let narrow = width / 2;
  let lines = fewest;
  for (let wide = width; wide - narrow > 2; ) {
    const middle = (narrow + wide) / 2;
    const tried = filled(parts, middle, widthOf);
    const good = tried.length === fewest.length && tried.every((line) => widthOf(line) <= width);
    if (good) [wide, lines] = [middle, tried];
    else narrow = middle;
  }
  return lines.join("\n");
}

function filled(parts: string[], width: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    if (line && widthOf(line + part) > width) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += line ? part : part.trimStart();
  }
  return [...lines, line.trimEnd()];
}

function words(line: string): string[] {
  const joined: string[] = [];
  for (const part of segments(line)) {
    const last = joined.length - 1;
    if (last >= 0 && (NOT_FIRST.test(part) || NOT_LAST.test(joined[last] ?? ""))) joined[last] += part;
    else joined.push(part);
  }
  return joined;
}

function segments(line: string): string[] {
  if (typeof Intl.Segmenter !== "function") return line.match(/[\w.-]+|[^]/gu) ?? [];
  return Array.from(new Intl.Segmenter("zh", { granularity: "word" }).segment(line), ({ segment }) => segment);
}

function measure(font: string): (text: string) => number {
  const pen = document.createElement("canvas").getContext("2d");
  if (!pen) return (text) => text.length * 12;
  pen.font = font;
  return (text) => pen.measureText(text).width;
}
