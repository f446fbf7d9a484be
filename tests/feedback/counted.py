"""What is typed, and how a reader counts it: (sentences, (length as an action, most)). Server and browser are held
to the same table."""

FAMILY, THUMB, FLAG, KEYCAP = "👨\u200d👩\u200d👧", "👍🏽", "🇨🇳", "1\ufe0f\u20e3"
RIGHT_TO_LEFT, ISOLATE, BYTE_ORDER = "\u200f", "\u2067", "\ufeff"

COUNTED: dict[str, tuple[int, tuple[int, int]]] = {
    "": (0, (0, 12)),
    "   \u3000 ": (0, (0, 12)),
    "。！👍": (0, (1, 12)),
    "一。二！三？四…": (4, (8, 20)),
    "真的吗？！是的。": (2, (8, 20)),
    "Really?! Yes!!": (2, (2, 12)),
    "版本 W2.1 在 3.5 小时内完成": (1, (19, 20)),
    "合格率从 96.8% 提到 3.2%。": (1, (19, 20)),
    "One. Two.\nThree": (3, (3, 12)),
    "第一行\r\n第二行\r\r第三行\u2028第四行": (4, (17, 20)),
    "他等了……才走": (2, (7, 20)),
    "「行……」": (1, (5, 20)),
    "他问：“行吗？”我说：“行。”": (2, (15, 20)),
    "👍👍。好": (1, (4, 20)),
    "把换砂轮步骤教给夜班二组": (1, (12, 20)),
    f"{FAMILY}{THUMB}好": (1, (3, 20)),
    f"{FLAG}{FLAG}队{KEYCAP}": (1, (4, 20)),
    f"{FLAG[0]}好": (1, (2, 20)),
    f"{ISOLATE}先问质量组{RIGHT_TO_LEFT}": (1, (5, 20)),
    f"{BYTE_ORDER}先问{BYTE_ORDER}": (1, (2, 20)),
    RIGHT_TO_LEFT: (0, (0, 12)),
    f"ask {RIGHT_TO_LEFT} first": (1, (2, 12)),
    "שאל לפני ההחלפה": (1, (3, 12)),
    "ask before changing the supplier of the lip material next time please": (1, (12, 12)),
    "cafe\u0301": (1, (1, 12)),
    "  前后有空格  ": (1, (5, 20)),
    "𠮷野家问一句": (1, (6, 20)),
    "<b>先问</b>": (1, (9, 20)),
    "问" * 10_000: (1, (10_000, 20)),
    "问。" * 5_000: (5_000, (10_000, 20)),
}
