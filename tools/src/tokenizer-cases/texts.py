"""Odd texts, written for this project: what people write in many scripts, and what breaks tokenizers."""

WORDS = [
    "", " ", "  ", "   \t ", "\n", "\r\n", "\r\n\r\n", "\t", "a", "the", " the", "the ", "  the  cat ", "a b  c   d", "Hello, world!",
    "How do I restart a worker?", "Restart the worker, then wait 30 s (or 5 min).", "don't we've I'LL he'd they're IT'S 'tis rock'n'roll",
    "it\u2019s", "'\u017f \u017f 'S 'T 'RE 'Ve 'm 'lL 'D 'x", "e-mail: a.b+c@example.org", "https://example.org/a?b=c&d=%20#e", "C++ C# F# .NET",
    "3.14159 1,000,000 -5 1e-9 0x1F 007 2026-11-30", "12345678901234567890", "x=1;y=2;", "def f(x):\n    return x + 1\n\n\n# end",
    "{\"a\": [1, 2, {\"b\": null}]}", "a\\b/c|d~e`f^g_h", "~#&-.*+?[](){}$^|\\", "...", "!?!?", "\u2026 \u2014 \u2013 \u00ab quote \u00bb \u201equote\u201c",
    "ALL CAPS mixedCase snake_case kebab-case", "supercalifragilisticexpialidocious", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "x" * 120, "ab" * 101, "no_spaces_but_underscores", "a\u00adb soft\u00adhyphen", "100% \u20ac5 \u00a35 \u00a55 $5", "\u00bd \u00b2 \u00b3 \u2460 \u2167 \u2159",
]

SPACES = [
    "a\u0085b", "\u0085", "a \u0085 b", "\u0085a\u0085", "On\u0085the\u0085sign-in\u0085page", "a\ufeffb", "\ufeffhello\ufeff", "\ufeff", "a\u00a0b", "\u00a0a\u00a0",
    "a\u1680b", "a\u180eb", "a\u2000b\u2001c\u2002d\u2003e\u2004f\u2005g\u2006h\u2007i\u2008j\u2009k\u200al", "a\u2028b\u2029c", "a\u202fb\u205fc", "a\u3000b",
    "\u3000\u3000\u5168\u89d2 \u7a7a\u767d\u3000", "a\u200bb\u200cc\u200dd", "a\u2060b", "a\x0bb\x0cc", "a\x1cb\x1dc\x1ed\x1fe", "a\tb\nc\rd", "a \n b \r\n c \t d",
    "a\n\nb", "a \n", "\n a", "  \n  \n  ", "a\r\r\nb", "a    b", "     a", "a     ", "a \u00a0 \u3000 b", "\u2581", "a\u2581b", "\u2581 a \u2581\u2581b", "a\u2581 b", " \u2581a",
    "\u3164\u115f\u1160\uffa0", "\u2800\u2800a", "a\u034fb", "tab\tseparated\tvalues", "a _ b", "_a", ".a. b.", "\U0001f600 a",
]

CONTROLS = [
    "a\x00b", "\x00", "\x01\x02\x03", "a\x07b\x08c", "\x1b[31mred\x1b[0m", "a\x7fb", "a\x80b\x9fc", "a\u0600b\u06ddc\u070fd", "\u202eabc\u202c \u2066x\u2069",
    "\ue000\uf8ff", "\U000f0000a", "\ufffda\ufffd", "\uffff a \ufffe", "\u0378\u0379", "\U0001fbfa\U000e0fff", "\U000e0041\U000e007f", "a\ufe0fb\ufe0e",
    "\ufff9a\ufffab\ufffb", "a\u061cb", "\u00ad", "\u0890\u08e2\U000110cd\U00013430x", "\u0600e\u0301 \u06dde\u0301 \u0d4ee\u0301", "\u200be\u0301 \u200de\u0301 \ne\u0301\u0301", "\ufb01\u1038 \u00aa\u1038 \u00aa\u0301 \u00b2\u200d",
]

MARKS = [
    "caf\u00e9", "cafe\u0301", "e\u0301\u0323", "e\u0323\u0301", "\u0301", " \u0301a", "a\u0301\u0301\u0301", "a" + "\u0301\u0316" * 40, "n\u0303o", "\u00c5ngstr\u00f6m A\u030angstro\u0308m",
    "\u1e9b\u0323", "\u0344\u0345", "\u1fb7 \u1f82", "\u0390 \u03b0", "Vi\u1ec7t Nam", "Vie\u0323\u0302t", "o\u0308\u0301", "\u20dd a\u20dd", "\u0488a\u0489", "\ufb01\u0301 \ufb02ow \ufb03 \ufb05",
    "\u0132\u0133 \u01c4\u01c5 \u0149", "q\u0307\u0323", "\u0959 \u0915\u093c \u09dc", "\u0f73 \u0f71\u0f72", "\u212b \u2126 \u212a", "\u1100\u1161\u11a8 \u1100\u1161", "\uac00\u11a8 \uac01",
    "\u3131\u314f \uffa1\uffc2", "\u30ab\u3099 \uff76\uff9e \u30cf\u309a", "z\u0335\u0321a\u0336l\u0337g\u0338o\u0334", "\u05e9\u05c1\u05b8", "\u0651\u064e \u064e\u0651", "\u0e01\u0e33 \u0e33",
    "\u1037\u103a \u103a\u1037", "\u0b95\u0bca \u0b95\u0bc6\u0bbe", "a\U0001d165\U0001d16e", "\U0001d15e \U0001d1bb", "\u2adc \u2add\u0338", "\ufb1d \u05d9\u05b4", "\u0300a \u0340 \u0341 \u0343",
]

SCRIPTS = [
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\u673a\u5668\u5b66\u4e60\u662f\u4eba\u5de5\u667a\u80fd\u7684\u4e00\u4e2a\u5206\u652f\u3002", "\u6539\u5bc6\u78bc GPU \u663e\u5b58\u4e0d\u8db3 8GB", "x\u5b57y", "\U00020000\U00020bb7\u91ce\u5bb6 \U0002a6aa", "\U0002b81e\U0002b820\U0002b91f\U0002b920\U0002ceaf",
    "\uf900\ufa0e\U0002f800", "\u30d1\u30b9\u30ef\u30fc\u30c9\u3092\u5fd8\u308c\u305f", "\uff8a\uff9f\uff7d\uff9c\uff70\uff84\uff9e", "GPU 4 \u53f0\u3067 2026 \u5e74\u306b\u51fa\u3059\u3002", "\u3300\u3351\u337b \u32ff", "\u3005\u3006\u30fd\u309d", "\uff21\uff22\uff43 \uff11\uff12\uff13 \uff01\uff1f", "\u301c\uff5e~",
    "\ud55c\uad6d\uc5b4 \ud14d\uc2a4\ud2b8", "\ube44\ubc00\ubc88\ud638\ub97c \uc78a\uc5c8\uc5b4\uc694", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645", "\u0627\u0644\u0644\u064f\u0651\u063a\u064e\u0629\u064f \u0627\u0644\u0639\u064e\u0631\u064e\u0628\u0650\u064a\u064e\u0651\u0629", "\ufefb \ufdfa \ufe8e", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u06f1\u06f2\u06f3 \u0661\u0662\u0663",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u05f3 \u05f4 \u05be", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440! \u0419\u0439 \u0401\u0451", "\u041a\u0430\u043a \u043f\u0435\u0440\u0435\u0437\u0430\u043f\u0443\u0441\u0442\u0438\u0442\u044c \u0441\u043b\u0443\u0436\u0431\u0443?", "\u0399\u03b9 \u039f\u0394\u039f\u03a3 \u03c3\u03c2 \u1fbc \u03a3\u03a3", "\u0130stanbul \u0131I i\u0130", "STRASSE \u1e9e \u00df", "\u01c6 \u01c5 \u01c4 \u2160 \u24b6",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e", "\u0915\u094d\u0937\u0924\u094d\u0930\u093f\u092f \u0967\u0968\u0969", "\u09ac\u09be\u0982\u09b2\u09be \u09ad\u09be\u09b7\u09be", "\u0a2a\u0a70\u0a1c\u0a3e\u0a2c\u0a40 \u0aae\u0ac7\u0a82 \u0afa", "\u0ba4\u0bae\u0bbf\u0bb4\u0bcd \u0bae\u0bca\u0bb4\u0bbf", "\u0c24\u0c46\u0c32\u0c41\u0c17\u0c41 \u0c04", "\u0c95\u0ca8\u0ccd\u0ca8\u0ca1", "\u0d2e\u0d32\u0d2f\u0d3e\u0d33\u0d02 \u0d4e", "\u0dc3\u0dd2\u0d82\u0dc4\u0dbd",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01", "\u0e99\u0ecd\u0ec9\u0eb2 \u0eaa\u0eb0\u0e9a\u0eb2\u0e8d\u0e94\u0eb5", "\u0f56\u0f7c\u0f51\u0f0b\u0f66\u0f90\u0f51\u0f0d", "\u1019\u103c\u1014\u103a\u1019\u102c\u1018\u102c\u101e\u102c", "\u1781\u17d2\u1798\u17c2\u179a", "\u10e5\u10d0\u10e0\u10d7\u10e3\u10da\u10d8 \u1c90\u1c91", "\u0540\u0561\u0575\u0565\u0580\u0565\u0576 \u0587",
    "\u12a0\u121b\u122d\u129b\u1361\u134d", "\u1820\u1828\u182d\u180b \u1885", "\u13e3\u13b3\u13a9 \uab70", "\u1403\u14c4\u1483\u144e\u1450\u1466 \u166d", "\u16a0\u16a2\u16a6", "\u169b\u1680\u169c", "\u07d2\u07de\u07cf \u07fd", "\u0712\u0718\u072a", "\u2d30\u2d4e\u2d30", "\ua4d0\ua4fe", "\u1b05\u1b4e\u1b7d",
    "\ua9c1\ua984\ua9bd", "\U00010330\U00010331", "\U00010400\U00010428", "\U00012000\U0001202d", "\U00013000\U00013430", "\U0001e900\U0001e922\U0001e944", "\U00010d50\U00010d70\U00010d6e", "\U000105d2\u0307 \U000105c9", "\U00011382\U000113c9 \U00011383", "\U0001611e\U0001611e", "\U00016ea0\U00016ebb \u088f \U0001e6c0",
    "\U00011935\U00011930 \U00011938", "\U0001d400\U0001d41a \U0001d7d8", "\u1d2c \u2098 \u02b0 \ua7f1", "\U00010780\U00010781", "\U0001ccd6 \U0001fbf0", "\u2e43 \u2e52 \u061d", "\U000111c9 \U000111cd", "\u1ab0\u1acf a\u1acf\u0323", "a\u0897\u0323 \u08ca\u0323",
]

SYMBOLS = [
    "\U0001f600 ok \U0001f680", "\U0001f469\u200d\U0001f4bb \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f44d\U0001f3fd \U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "\u2764\ufe0f \u2764", "\u0031\ufe0f\u20e3 #\ufe0f\u20e3",
    "\u2602\u2603\u2615", "\u2190\u2192\u21d2 \u2200x\u2208\u211d", "\u2211\u222b\u221a\u221e \u2260 =\u0338", "\u2500\u2502\u250c \u2588\u2591", "\u266a\u266b \u00a9\u00ae\u2122", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "``quoted'' \"text\" 'single'", "a===b == = !=", "\u00d7 \u00f7 \u00b1 \u00b5 \u03bc", "\u2116 \u2121 \u33c2", "<p>Hello</p> <br/>", "[UNK] [link](url)", "a <unk> b", "<|x|> <thinking>", "## heading ##x", "@@ -1 +1 @@",
    "\u2588" * 60, "-" * 80, "=" * 33 + "\n", "ab\n" * 20, " " * 50 + "x" + " " * 50, "\n" * 30 + "x", "1" * 40, "\u5b57" * 60, "\U0001f600" * 30, "e\u0301" * 30, "\u00aa\u0301" * 30, "e\u0301\r\n" * 25,
]

TEXTS = list(dict.fromkeys(WORDS + SPACES + CONTROLS + MARKS + SCRIPTS + SYMBOLS))
