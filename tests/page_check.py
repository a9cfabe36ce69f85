#!/usr/bin/env python3
"""Opens HTML pages in a headless Chromium and looks at them as a reader would.

    page_check.py [--pictures PREFIX] [--phone] PAGE...

Each page is loaded from its file at two widths, a phone's and a desk's (with
--phone at the first alone), and looked at as it opens, with all that folds unfolded, and as it is printed. A line
is printed for everything that is wrong; the exit status is 1 if anything is.
With --pictures it leaves PREFIX-WIDTH.png and PREFIX.pdf of the last page.

Only the standard library is needed: the browser speaks the DevTools protocol
over a pair of pipes.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WIDTHS = (390, 1280)
PATIENCE_S = 60
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

# What is wrong with the page as it stands, as a list of sentences.
LOOK = r"""
(function () {
    const wrong = [];
    const say = (what, text) =>
        wrong.push(what + ': ' + text.trim().replace(/\s+/g, ' ').slice(0, 60));

    /* What is left of a box within all that clips it; what scrolls may clip,
     * what does not must not cut a text. */
    function visible(rect, node, text) {
        let box = {left: rect.left, top: rect.top, right: rect.right, bottom: rect.bottom};
        for (let at = node; at && at !== document.documentElement; at = at.parentElement) {
            const style = getComputedStyle(at);
            if (style.overflowX === 'visible' && style.overflowY === 'visible')
                continue;
            const clip = at.getBoundingClientRect();
            const scrolls = /auto|scroll/.test(style.overflowX + style.overflowY);
            const out = Math.max(clip.left - rect.left, rect.right - clip.right,
                                 clip.top - rect.top, rect.bottom - clip.bottom);
            if (!scrolls && out > 1.5)
                say('text is cut off', text);
            box.left = Math.max(box.left, clip.left);
            box.right = Math.min(box.right, clip.right);
            box.top = Math.max(box.top, clip.top);
            box.bottom = Math.min(box.bottom, clip.bottom);
        }
        return box.right - box.left > 1 && box.bottom - box.top > 1 ? box : null;
    }

    /* Boxes of lines of text. A line's box has room above and below. */
    function lines() {
        const all = [], range = document.createRange();
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode());) {
            const parent = node.parentElement, text = node.data;
            if (!text.trim() || /^(SCRIPT|STYLE|TITLE|DESC)$/i.test(parent.tagName) ||
                !parent.checkVisibility({visibilityProperty: true}))
                continue;
            range.selectNodeContents(node);
            for (const rect of range.getClientRects()) {
                if (rect.width < 1 || rect.height < 1)
                    continue;
                const box = visible(rect, parent, text);
                if (parent.closest('svg') && rect.height < 8)
                    say('text is too small to read, ' + rect.height.toFixed(1) + ' px', text);
                if (!box)
                    continue;
                const air = 0.22 * (rect.bottom - rect.top);
                all.push({left: box.left, right: box.right, top: box.top + air,
                          bottom: box.bottom - air, text});
            }
        }
        return all.sort((a, b) => a.top - b.top);
    }

    function compare(all) {
        for (let i = 0; i < all.length; i++)
            for (let k = i + 1; k < all.length && all[k].top < all[i].bottom - 1; k++) {
                const across = Math.min(all[i].right, all[k].right) -
                               Math.max(all[i].left, all[k].left);
                const down = Math.min(all[i].bottom, all[k].bottom) - all[k].top;
                if (across > 1.5 && down > 1)
                    say('texts overlap', all[i].text.trim().slice(0, 24) + ' | ' +
                                         all[k].text.trim().slice(0, 24));
            }
    }

    function pictures() {
        for (const figure of document.querySelectorAll('figure'))
            if (!figure.querySelector('svg[role=img], img'))
                say('a picture is missing', figure.textContent);
        for (const picture of document.querySelectorAll('svg, img')) {
            if (!picture.checkVisibility())
                continue;
            const box = picture.getBoundingClientRect();
            const name = picture.getAttribute('aria-label') || picture.getAttribute('alt') || '';
            if (picture.tagName === 'IMG' && !(picture.complete && picture.naturalWidth > 0))
                say('a picture is missing', picture.src.slice(-40));
            if (box.width < 8 || box.height < 4)
                say('a picture has no size', name);
            if (picture.tagName !== 'IMG' && !picture.querySelector('path, rect, line, circle'))
                say('a picture is empty', name);
            if (!name && picture.getAttribute('aria-hidden') !== 'true')
                say('a picture has no words for who cannot see it', picture.outerHTML.slice(0, 60));
        }
    }

    function references() {
        for (const link of document.querySelectorAll('a[href^="#"]'))
            if (!document.getElementById(link.getAttribute('href').slice(1)))
                say('a link leads nowhere', link.textContent);
    }

    pictures();
    references();
    compare(lines());
    const wide = document.documentElement.scrollWidth -
                 document.documentElement.clientWidth;
    if (wide > 0)
        wrong.push('the page scrolls sideways by ' + wide + ' px');
    return wrong;
})()
"""

UNFOLD = "for (const fold of document.querySelectorAll('details')) fold.open = true"
FOLD = "for (const fold of document.querySelectorAll('details')) fold.open = false"
PRINTED = """
new Promise(seen => requestAnimationFrame(() => requestAnimationFrame(seen))).then(() =>
[...document.querySelectorAll('details > *:not(summary)')]
    .filter(part => !part.checkVisibility({contentVisibilityAuto: true}) ||
                    part.getBoundingClientRect().height < 1)
    .map(part => 'what is folded is not printed: ' + part.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40)))
"""


def find_program():
    for name in PROGRAMS:
        for folder in os.environ.get("PATH", "").split(":"):
            if os.access(os.path.join(folder, name), os.X_OK):
                return os.path.join(folder, name)
    sys.exit("page_check.py: no Chromium is installed")


class Browser:
    def __init__(self, profile):
        to_browser, self.to = os.pipe()
        self.source, from_browser = os.pipe()
        self.number, self.rest, self.events = 0, b"", []
        command = [find_program(), "--headless", "--no-sandbox", "--disable-gpu",
                   "--hide-scrollbars", "--no-first-run", "--disable-extensions",
                   "--disable-background-networking", "--disable-dev-shm-usage",
                   "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
                   "--user-data-dir=" + profile, "about:blank"]

        def take_pipes():
            # 3 and 4 are what it reads and writes; copies first, lest one is
            # closed for the other.
            reads, writes = os.dup(to_browser), os.dup(from_browser)
            reads, writes = os.dup2(reads, 40), os.dup2(writes, 41)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self.process = subprocess.Popen(command, preexec_fn=take_pipes, close_fds=False,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)

    def close(self):
        os.close(self.to)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def read(self):
        while b"\0" not in self.rest:
            part = os.read(self.source, 1 << 16)
            if not part:
                sys.exit("page_check.py: the browser has died")
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def ask(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            answer = self.read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"page_check.py: {method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)
        sys.exit(f"page_check.py: {method}: no answer")

    def wait_for(self, method):
        while True:
            if any(event.get("method") == method for event in self.events):
                return
            self.events.append(self.read())


def run(browser, session, script):
    answer = browser.ask("Runtime.evaluate", session, expression=script, returnByValue=True,
                         awaitPromise=True)
    if "exceptionDetails" in answer:
        sys.exit(f"page_check.py: {answer['exceptionDetails']}")
    return answer["result"].get("value")


def heard(events, address):
    """What the browser said and asked for meanwhile."""
    for event in events:
        method, told = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            said = " ".join(str(a.get("value", a.get("description"))) for a in told["args"])
            yield f"the console has {told['type']}: {said}"
        elif method == "Runtime.exceptionThrown":
            yield f"an exception: {told['exceptionDetails'].get('text')}"
        elif method == "Log.entryAdded" and told["entry"]["level"] in ("warning", "error"):
            yield f"the log has {told['entry']['level']}: {told['entry']['text']}"
        elif method == "Network.requestWillBeSent":
            url = told["request"]["url"]
            if url.partition("#")[0] != address and not url.startswith("data:"):
                yield f"a request to {url}"


def look(browser, path, width, prefix):
    address = Path(path).resolve().as_uri()
    target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
    session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.ask(domain + ".enable", session)
    browser.ask("Emulation.setDeviceMetricsOverride", session, width=width, height=900,
                deviceScaleFactor=1, mobile=width < 600)
    browser.events.clear()
    browser.ask("Page.navigate", session, url=address)
    browser.wait_for("Page.loadEventFired")
    wrong = run(browser, session, LOOK)
    if prefix:
        picture = browser.ask("Page.captureScreenshot", session, captureBeyondViewport=True)
        Path(f"{prefix}-{width}.png").write_bytes(base64.b64decode(picture["data"]))
        paper = browser.ask("Page.printToPDF", session, preferCSSPageSize=True)
        Path(f"{prefix}.pdf").write_bytes(base64.b64decode(paper["data"]))
    run(browser, session, UNFOLD)
    wrong += [what for what in run(browser, session, LOOK) if what not in wrong]
    run(browser, session, FOLD)
    browser.ask("Emulation.setEmulatedMedia", session, media="print")
    wrong += run(browser, session, PRINTED)
    wrong += heard(browser.events, address)
    browser.ask("Target.closeTarget", targetId=target)
    return wrong


def main(arguments):
    prefix, widths = None, WIDTHS
    if arguments[:1] == ["--pictures"]:
        prefix, arguments = arguments[1], arguments[2:]
    if arguments[:1] == ["--phone"]:
        widths, arguments = WIDTHS[:1], arguments[1:]
    for path in arguments:
        if not os.path.isfile(path):
            sys.exit(f"page_check.py: {path} is not there")
    n_wrong = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        try:
            for path in arguments:
                for width in widths:
                    for what in look(browser, path, width, prefix):
                        print(f"{os.path.basename(path)} at {width} px: {what}")
                        n_wrong += 1
        finally:
            browser.close()
    return 1 if n_wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
