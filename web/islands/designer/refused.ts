/** Takes out of palette and menus what the check refuses anyway: shapes that cannot be released are not offered. */

import type Palette from "diagram-js/lib/features/palette/Palette";
import type PopupMenu from "diagram-js/lib/features/popup-menu/PopupMenu";

type Entries = Record<string, unknown>;

const REFUSED = /data-store/;
const AFTER_THEIRS = 500;

function offerNoRefused(palette: Palette, popupMenu: PopupMenu): void {
  palette.registerProvider(AFTER_THEIRS, { getPaletteEntries: () => admitted } as never);
  popupMenu.registerProvider("bpmn-replace", AFTER_THEIRS, { getPopupMenuEntries: () => admitted } as never);
}
offerNoRefused.$inject = ["palette", "popupMenu"];

function admitted(entries: Entries): Entries {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !REFUSED.test(name)));
}

export const RefusedModule = { __init__: ["refusedShapes"], refusedShapes: ["type", offerNoRefused] };
