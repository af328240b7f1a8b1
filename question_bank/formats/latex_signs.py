"""What single signs and the names of functions are in LaTeX, for every format that writes formulas in characters. Pure."""

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon"
    " varphi chi psi omega"
)
_CAPITALS = {"Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi"}
_SIGNS = {
    "×": "times", "÷": "div", "±": "pm", "∓": "mp", "≤": "le", "≥": "ge", "≠": "ne", "≈": "approx", "≡": "equiv",
    "·": "cdot", "⋅": "cdot", "∗": "ast", "∞": "infty", "→": "to", "←": "leftarrow", "↔": "leftrightarrow",
    "⇒": "Rightarrow", "⇔": "Leftrightarrow", "∑": "sum", "∏": "prod", "∫": "int", "∬": "iint", "∮": "oint",
    "∂": "partial", "∇": "nabla", "∈": "in", "∉": "notin", "∋": "ni", "⊂": "subset", "⊆": "subseteq", "⊃": "supset",
    "⊇": "supseteq", "∪": "cup", "∩": "cap", "∅": "emptyset", "∀": "forall", "∃": "exists", "¬": "neg", "∧": "land",
    "∨": "lor", "∠": "angle", "∥": "parallel", "⊥": "perp", "△": "triangle", "∴": "therefore", "∵": "because",
    "∝": "propto", "∼": "sim", "≅": "cong", "…": "ldots", "⋯": "cdots", "°": "circ", "′": "prime", "″": "prime\\prime",
    "⌊": "lfloor", "⌋": "rfloor", "⌈": "lceil", "⌉": "rceil", "⟨": "langle", "⟩": "rangle", "〈": "langle",
    "〉": "rangle", "ℝ": "mathbb{R}", "ℤ": "mathbb{Z}", "ℕ": "mathbb{N}", "ℚ": "mathbb{Q}", "ℂ": "mathbb{C}",
    "ϵ": "epsilon", "ε": "varepsilon", "ϕ": "phi", "φ": "varphi", "ϑ": "vartheta", "ℓ": "ell", "ħ": "hbar", "⊕": "oplus",
    "⊗": "otimes", "∘": "circ", "≪": "ll", "≫": "gg", "‖": "|", "∣": "mid", "⟶": "longrightarrow", "⇌": "rightleftharpoons",
}  # fmt: skip
COMMANDS = (
    {sign: f"\\{name}" for sign, name in _SIGNS.items()}
    | {
        chr(0x3B1 + place): f"\\{name}"
        for place, name in enumerate(_GREEK.split())
        if name not in ("epsilon", "varphi")
    }
    | {sign: f"\\{name}" for sign, name in _CAPITALS.items()}
    | {"Ψ": "\\Psi", "Ω": "\\Omega", "ο": "o", "−": "-", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": ""}
    | {sign: f"\\{sign}" for sign in "{}%#&$_"}
    | {"\\": "\\backslash", "^": "\\hat{}", "~": "\\sim", "\xa0": " "}
)
FUNCTIONS = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "arcsin",
        "arccos",
        "arctan",
        "sinh",
        "cosh",
        "tanh",
        "log",
        "ln",
        "lg",
        "exp",
        "lim",
        "max",
        "min",
        "sup",
        "inf",
        "det",
        "dim",
        "gcd",
        "ker",
        "deg",
    ]
)
