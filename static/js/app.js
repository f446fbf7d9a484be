// Everything here makes a working page quicker to use. Without it every link and form still does its job.
// Modules listen on the document, so parts that htmx swaps in later need no start of their own.
import "./balance.js";
import "./board.js";
import "./composer.js";
import "./copy.js";
import "./dial.js";
import "./dialogs.js";
import "./drafts.js";
import "./drop.js";
import "./extras.js";
import "./focus.js";
import "./grid.js";
import "./guard.js";
import "./menus.js";
import "./offline.js";
import "./print.js";
import "./shortcuts.js";
import "./tap.js";
import "./toasts.js";
import "./tree.js";
import "./trouble.js";
