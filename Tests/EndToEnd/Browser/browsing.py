"""A page in headless Chromium, and the actions of a reader."""
import base64
import pathlib
import subprocess
import time

import axe_playwright_python
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
KEYS = {"Tab": Keys.TAB, "Enter": Keys.ENTER, "End": Keys.END, "Home": Keys.HOME, "ArrowDown": Keys.ARROW_DOWN,
        "ArrowUp": Keys.ARROW_UP, "ArrowLeft": Keys.ARROW_LEFT, "ArrowRight": Keys.ARROW_RIGHT}
# A page with two accessibility violations and an error.
RED_ON_RED = """<!doctype html><html lang="en"><title>broken</title><main><h1>x</h1><button></button>
<p style="color:#a00;background:#b00">red on red</p></main><script>nothing.here()</script></html>"""


class Browser:
    """Chromium and its driver from the system's packages."""

    def __enter__(self):
        options = webdriver.ChromeOptions()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--force-device-scale-factor=1"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def open(self, path, width=1280, theme="light", scripts=True, waits=True):
        command = self.driver.execute_cdp_cmd
        command("Emulation.setDeviceMetricsOverride",
                {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        command("Emulation.setEmulatedMedia",
                {"media": "", "features": [{"name": "prefers-color-scheme", "value": theme}]})
        command("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        self.driver.get_log("browser")  # messages of an earlier page
        self.driver.get(pathlib.Path(path).resolve().as_uri())
        page = Page(self.driver)
        if scripts and waits:
            WebDriverWait(self.driver, 60).until(
                lambda _: page.js("return document.documentElement.dataset.ready === 'true'"))
            page.settle()
            page.js("window.drawn = performance.getEntriesByType('mark').find(m => m.name === 'drawn').startTime")
        if not scripts:
            command("Emulation.setScriptExecutionDisabled", {"value": False})
        return page


class Page:
    """Actions of a reader, and the page's resulting state."""

    def __init__(self, driver):
        self.driver = driver

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def settle(self):
        """Waits for two frames, so that pending drawing is done."""
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0]).innerText || "
                       "document.querySelector(arguments[0]).textContent", selector)

    def attribute(self, selector, name):
        return self.find(selector).get_attribute(name)

    def visible(self, selector):
        return self.find(selector).is_displayed()

    def click(self, selector):
        node = self.find(selector)
        self.js("arguments[0].scrollIntoView({block: 'center'})", node)
        node.click()
        self.settle()

    def double_click(self, selector):
        ActionChains(self.driver).double_click(self.find(selector)).perform()
        self.settle()

    def focus(self, selector):
        self.js("arguments[0].scrollIntoView({block: 'center'}); arguments[0].focus()", self.find(selector))

    def press(self, *names):
        for name in names:
            ActionChains(self.driver).send_keys(KEYS.get(name, name)).perform()
        self.settle()

    def choose(self, selector, value):
        Select(self.find(selector)).select_by_value(value)
        self.settle()

    def filter_legend(self, text):
        """The number of legend entries that remain after typing a text into the legend's search field."""
        self.find(".tools input").send_keys(text)
        return self.js("return document.querySelectorAll('.legend li:not([hidden])').length")

    def _plot(self, chart):
        """The rectangle of a chart's axes on the screen."""
        self.js("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", chart)
        return self.js("""
            const svg = document.querySelector(arguments[0] + ' svg');
            const [down, across] = [...svg.querySelectorAll('line.axis')].slice(-2).reverse()
              .map(line => line.getBoundingClientRect());
            return {left: across.left, right: across.right, top: down.top, bottom: down.bottom};""", chart)

    def _point(self, x, y):
        """An action chain that starts at a position in the window."""
        chain = ActionChains(self.driver)
        chain.w3c_actions.pointer_action.move_to_location(round(x), round(y))
        return chain

    def hover(self, chart, x, y):
        """Moves the pointer to a point in the units of the axes, which are computed from the ticks."""
        box = self._plot(chart)
        ticks = self.js("""
            const text = anchor => [...document.querySelectorAll(arguments[0] + ` .tick[text-anchor=${anchor}]`)];
            const grid = [...document.querySelectorAll(arguments[0] + ' .grid')].map(l => l.getBoundingClientRect().top);
            const marks = [...document.querySelectorAll(arguments[0] + ' line.axis')].map(l => l.getBoundingClientRect());
            return {y: text('end').map((t, i) => [+t.textContent, grid[i]]),
                    x: text('middle').map((t, i) => [+t.textContent, marks[i].left])};""", chart)
        place = []
        for value, (low, high) in ((x, ticks["x"][:2]), (y, ticks["y"][:2])):
            place.append(low[1] + (value - low[0]) * (high[1] - low[1]) / (high[0] - low[0]))
        assert box["left"] - 1 <= place[0] <= box["right"] + 1, (place, box)
        self._point(*place).perform()
        self.settle()

    def leave(self):
        """Moves the pointer off every chart."""
        self._point(2, 2).perform()
        self.settle()

    def drag(self, chart, start, end):
        """Drags between two points, given as fractions of the plot from its upper left corner."""
        box = self._plot(chart)
        at = lambda point: (box["left"] + point[0] * (box["right"] - box["left"]),
                            box["top"] + point[1] * (box["bottom"] - box["top"]))
        chain = self._point(*at(start))
        chain.w3c_actions.pointer_action.pointer_down()
        chain.w3c_actions.pointer_action.move_to_location(*map(round, at(end)))
        chain.w3c_actions.pointer_action.pointer_up()
        chain.perform()
        self.settle()

    def accessibility(self):
        """The rules that axe-core finds violated, each with the first violating node."""
        self.js(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run().then(results => done(results.violations))")
        return [(violation["id"], violation["nodes"][0]["html"][:120]) for violation in found]

    def messages(self):
        """Errors and warnings in the console since the page was opened."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def fetched(self):
        return self.js("return performance.getEntriesByType('resource').length")

    def source_text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def media(self, name):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": name})

    def printed(self, path=None):
        """The text of the printed page."""
        pdf = base64.b64decode(self.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
        if path:
            pathlib.Path(path).write_bytes(pdf)
        return subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()

    def picture(self, path):
        """The whole page as a PNG."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": int(size["width"]), "height": int(size["height"]), "deviceScaleFactor": 1, "mobile": False})
        time.sleep(0.3)  # charts are redrawn in the new size
        self.driver.save_screenshot(str(path))
