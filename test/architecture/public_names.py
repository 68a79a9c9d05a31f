# SPDX-License-Identifier: BSL-1.0
"""The public names of headers, and the words that document each.

A parser of declarations as clang-format leaves them: it knows scopes, access and comments, and
skips every body. A name's words are its own `///`, else those of the concept that its class models,
else those of the same name in its class (an overload), in a base class or in the primary template.
Constructors without parameters, destructors and what is `= default` or `= delete` need none."""

import re
from bisect import bisect_right
from dataclasses import dataclass, field

NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                   r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                   re.S | re.M)
CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
TYPE = re.compile(r"(?:^|\s)(class|struct|union|enum(?: class| struct)?)\s+"
                  r"(?:alignas\s*)?([\w:]+)\s*(<)?")
NO_NAME = re.compile(r"static_assert\b|using\s+(?:namespace\b|[\w:<>, ]+$)|extern\b|namespace\b"
                     r"|friend (?:class|struct)\b")
REQUIREMENTS = re.compile(r"(requires|&&|\|\|)\s+requires\s*(\([^()]*\))?$")
KEYWORDS = {"noexcept", "alignas", "decltype", "requires", "explicit", "__attribute__", "if"}


@dataclass
class name:
    """A public name: where its declaration begins and ends, and its own words, or ""."""
    scope: str
    name: str
    kind: str
    start: int
    line: int
    end: int
    words: str
    inherited: str = ""
    bases: list = field(default_factory=list)

    @property
    def whole(self):
        return f"{self.scope}::{self.name}"


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


class reader:
    def __init__(self, text):
        self.text, self.code = text, NOISE.sub(blank, text)
        self.lines = [0] + [m.end() for m in re.finditer("\n", text)]
        self.found, self.models, self.concepts, self.built_on = [], [], {}, {}

    def line_of(self, at):
        return bisect_right(self.lines, at)

    def text_of(self, line):
        end = self.lines[line] if line < len(self.lines) else len(self.text)
        return self.text[self.lines[line - 1]:end].rstrip("\n")

    def after(self, at):
        """Behind the bracket that closes the one at `at`."""
        opening, closing, depth = self.code[at], CLOSING[self.code[at]], 0
        while True:
            at += 2 * (self.code[at:at + 3] == "<< ")  # a shift
            c = self.code[at]
            arrow = c == ">" and self.code[at - 1] == "-"
            depth += (c == opening) - (c == closing and not arrow)
            at += 1
            if depth == 0:
                return at

    def words_of(self, start, end):
        """The comment before a declaration, or the one behind it."""
        line, before = self.line_of(start) - 1, []
        while line > 0 and self.text_of(line).lstrip().startswith("///"):
            before.insert(0, self.text_of(line).lstrip()[3:].strip())
            line -= 1
        behind = re.search(r"///<\s*(.*)", self.text_of(self.line_of(end)))
        if not before and behind:
            before = [behind[1]]
        return "\n".join(before)

    def head(self, start, end):
        """A declaration on one line, without template<...>, requires clauses and attributes."""
        text, at = "", start
        while at < end:
            code = self.code[at:end]
            if match := re.match(r"template\s*(?=<)", code):
                at = self.after(at + match.end())
            elif match := re.match(r"(?:requires|alignas|__attribute__)\s*(?=\()", code):
                at = self.after(at + match.end())
            elif code.startswith("[["):
                at = self.after(at)
            else:
                text += code[0]
                at += 1
        return " ".join(text.split())

    def scope(self, at, scope, access, of_class):
        """Reads a scope's declarations, and returns the place behind its end."""
        start = None
        while at < len(self.code):
            c = self.code[at]
            if start is None and not c.isspace() and c not in ";}":
                start = at
            if c in "([":
                at = self.after(at)
            elif c == "<" and re.search(r"template\s*$", self.code[start:at]):
                at = self.after(at)
            elif c == "}":
                return at + 1
            elif c == ";":
                if start is not None:
                    self.declaration(start, at, scope, access, of_class)
                start, at = None, at + 1
            elif c == ":" and re.fullmatch(r"(public|private|protected)\s*", self.code[start:at]):
                access, start, at = self.code[start:at].strip(), None, at + 1
            elif c == "{":
                start, at = self.brace(start, at, scope, access, of_class)
            else:
                at += 1
        return at

    def brace(self, start, at, scope, access, of_class):
        head = self.head(start, at)
        if re.match(r"(inline )?namespace\b", head):
            inner = re.sub(r"\binline( BACKENDS_ISA)?|\bnamespace\b|\s", "", head)
            parts = [part for part in [scope, *inner.split("::")] if part]
            inner = "::".join(parts) if inner else "detail"
            return None, self.scope(at + 1, inner, "public", "")
        kind = TYPE.search(head)
        if kind and "(" not in head and "=" not in head:
            self.declaration(start, at, scope, access, of_class)
            named = "::".join(filter(None, [scope, kind[2]]))
            if access != "public":
                named += "::detail"
            if kind[1].startswith("enum"):
                return None, self.enumerators(at, named, access == "public")
            first = "private" if kind[1] == "class" else "public"
            return None, self.scope(at + 1, named, first, kind[2])
        end = self.after(at)
        following = self.code[end:].lstrip()[:1]
        if REQUIREMENTS.search(self.code[start:at].rstrip()) or \
                (following and following in ";,{(.)|&<"):
            return start, end
        self.declaration(start, end - 1, scope, access, of_class, at)
        return None, end

    def enumerators(self, at, scope, is_public):
        end = self.after(at)
        if not is_public or "detail" in scope.split("::"):
            return end
        for each in re.finditer(r"(?<=[{,])\s*(\w+)[^,{}]*", self.code[at:end]):
            if not each[1].endswith("_"):  # the number of the others
                start = at + each.start(1)
                self.add(scope, each[1], "enumerator", start, start)
        return end

    def declaration(self, start, end, scope, access, of_class, body=None):
        head = self.head(start, body or end)
        if head.startswith("static_assert"):
            whole = re.match(r"static_assert\(\s*(?:\w+::)*(\w+)<([\w:]+)", self.code[start:end])
            if whole and not of_class:
                self.models.append((whole[1], whole[2].split("::")[-1]))
            return
        if access != "public" or "detail" in scope.split("::") or NO_NAME.match(head):
            return
        if re.search(r"= ?(default|delete)$", head):
            return
        type_ = TYPE.search(head)
        if concept := re.match(r"concept (\w+)", head):
            self.add(scope, concept[1], "concept", start, end)
            self.concepts[concept[1]] = self.found[-1].words
            self.built_on[concept[1]] = re.findall(r"\w+", self.code[start:end])
        elif type_ and "(" not in head and not re.match(r"(friend|using)\b", head):
            # Neither a declaration in advance nor a specialisation.
            if self.code[end] == "{" and not type_[3] and "::" not in type_[2]:
                self.add(scope, type_[2], "type", start, end)
                bases = re.search(r"[^:]:(?!:)(.*)", head)
                self.found[-1].bases = re.findall(r"\w+", bases[1]) if bases else []
        elif using := re.match(r"using (\w+) ?=", head):
            self.add(scope, using[1], "using", start, end)
        else:
            self.value(head, start, end, scope, of_class)

    def value(self, head, start, end, scope, of_class):
        """A function or a variable."""
        head = re.sub(r"\bsizeof\b(\.\.\.)?", "", head)
        if pointer := re.match(r"[\w:]+ \(\*(\w+)\)\(", head):
            self.add(scope, pointer[1], "variable", start, end)
            return
        before = re.split(r"(?<![=<>!+\-*/%&|^])=(?!=)", head, maxsplit=1)[0]
        if operator := re.search(r"\boperator\s*(\(\)|\[\]|[^\s(]+|[\w: ]+)\s*\(", head):
            self.add(scope, "operator" + operator[1], "function", start, end)
            return
        for call in re.finditer(r"(~?\b\w+)(?:<[^()]*>)?\s*\(", before):
            if call[1] in KEYWORDS:
                continue
            guide = not of_class and re.match(rf"{call[1]}\(.*\) ?->", head)
            default = call[1] == of_class and head[call.end():].startswith(")")
            elsewhere = before[:call.start()].endswith("::")  # declared in its class
            if not (call[1].startswith("~") or guide or default or elsewhere):
                self.add(scope, call[1], "function", start, end)
            return
        before = re.split(r"[{\[;]", before)[0].strip()
        last = re.search(r"(\w+)(?:<[^<>]*>)?(?: ?: ?\d+)?$", before)
        if last:
            self.add(scope, last[1], "variable", start, end)

    def add(self, scope, called, kind, start, end):
        self.found.append(name(scope, called, kind, start, self.line_of(start), end,
                               self.words_of(start, end)))


def items(text):
    """{name: words} of a concept's description: an item, a row or a sentence that begins with a
    name, in `quotes` or followed by its parameters."""
    found = {}
    has_items = re.search(r"^(?:- |\|)", text, re.M)
    begins = r"^(?:- |\||$)" if has_items else r"(?<=[.;:])\s(?=`|\w+\()|^$"
    for part in re.split(begins, text, flags=re.M):
        words = " ".join(part.replace("|", " ").split())
        named = re.match(r"(?:(?:, |,? ?and )?(?:`[^`]+`|[a-z_]+\([^()]*\)))+", words)
        for code in re.split(r", (?![^(]*\))|` and `|`", named[0] if named else ""):
            if called := re.match(r"(?:\w+(?:\(\))?(?:\.|::))*(\w+)", code):
                found.setdefault(called[1], words[len(named[0]):].strip(" :") or words)
    return found


def models_in(groups):
    """(concept, model) of each model that the groups of the reference list."""
    of_group = {}
    for group, concept in re.findall(r"@defgroup (\w+) .*\n@ingroup \w+\n"
                                     r"Models of [\w:]*?(\w+)\.$", groups, re.M):
        of_group[group] = concept
    of_model = re.findall(r"@(?:class|struct) [\w:]*?(\w+)\n@ingroup (\w+)", groups)
    return [(of_group[group], model) for model, group in of_model if group in of_group]


def read(texts, groups=""):
    """All public names of headers, {file: text}: {file: [name]}, with inherited words. What models
    a concept: the groups say so, or a static_assert in the header, or the name NAME_archetype."""
    readers = {file: reader(text) for file, text in texts.items()}
    for each in readers.values():
        each.scope(0, "", "public", "")
    every = [n for each in readers.values() for n in each.found]
    concepts = {k: items(v) for each in readers.values() for k, v in each.concepts.items()}
    for each in readers.values():
        for built, parts in each.built_on.items():
            for part in parts:
                concepts[built] = concepts.get(part, {}) | concepts[built]
    refined = {}
    for each in readers.values():
        for built, parts in each.built_on.items():
            for part in parts:
                refined.setdefault(part, set()).add(built)
    models, bases, named = {}, {}, {}
    for concept, model in [m for each in readers.values() for m in each.models] + models_in(groups):
        models.setdefault(model, set()).add(concept)
    for n in every:
        if n.kind == "type":
            bases[n.name] = n.bases
            if n.name.endswith("_archetype"):
                models.setdefault(n.name, set()).add(n.name.removesuffix("_archetype"))
        if n.words:
            named.setdefault((n.scope.split("::")[-1], n.name), n.words)

    def inherited(of_type, called, seen=()):
        if words := concepts.get("observer", {}).get(called):  # a hook, in whichever class
            return words
        modelled = models.get(of_type, set())
        for concept in modelled.union(*(refined.get(c, ()) for c in modelled)):
            known = concepts.get(concept, {})
            if words := named.get((concept, called)):  # a class that others stand in for
                return words
            constructor = next((name for name in known if name[0].isupper()), None)
            if words := known.get(constructor if called == of_type else called):
                return words
        if words := named.get((of_type, called)):
            return words
        for base in bases.get(of_type, []):
            if base not in seen:
                if words := inherited(base, called, (*seen, of_type, base)):
                    return words
        return ""

    for n in every:
        n.inherited = "" if n.words else inherited(n.scope.split("::")[-1], n.name)
    return {file: each.found for file, each in readers.items()}
