"""Invented names of the demonstration district: streets, communities, people. Any likeness is chance."""

STREETS = ("桃苑", "榴园", "清荷", "松风", "云溪", "晴岚", "望湖", "梧桐", "海棠", "银杏", "竹影", "杏林")
VILLAGES = (
    *("上畈", "下畈", "前岗", "后岗", "荷塘", "柳堤", "石桥", "沙坪", "枫树", "莲花塘"),
    *("麦园", "藕湖", "樟树下"),
)
FACTORIES = (
    "红星机械",
    "向阳纺织",
    "东风仪表",
    "长虹无线电",
    "前进橡胶",
    "曙光印刷",
    "建设轴承",
    "光明乳品",
    "新华造纸",
)
DEPARTMENTS = {
    "o_org": "区委组织部",
    "o_civil": "区民政局",
    "o_supervision": "区委区政府督查室",
    "o_city": "区城管局",
    "o_housing": "区住建局",
    "o_finance": "区财政局",
    "o_emergency": "区应急管理局",
    "o_education": "区教体局",
    "o_health": "区卫健委",
    "o_police": "公安分局",
    "o_fire": "区消防救援大队",
    "o_market": "区市场监管局",
    "o_justice": "区司法局",
    "o_petition": "区信访局",
    "o_audit": "区审计局",
    "o_data": "区大数据中心",
}
ASSISTING = (
    *("区图书馆", "区文化馆", "区妇联", "团区委", "区总工会", "区残联"),
    *("区科协", "区工商联", "区档案馆", "区融媒体中心", "区红十字会", "区供销社"),
)
_FIRST = (
    "春晖",
    "明德",
    "和顺",
    "安澜",
    "锦绣",
    "翠微",
    "文澜",
    "康宁",
    "长乐",
    "瑞祥",
    "芳华",
    "朝霞",
    "静园",
)
_SECOND = ("里", "苑", "坊", "桥", "巷", "台", "湾", "塘", "路", "门")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余"
_GIVEN = (
    *("立新", "秀兰", "志强", "晓梅", "国良", "雅琴", "永康", "玉洁", "海波", "春燕", "文斌", "丽娟"),
    *("建明", "桂花", "少华", "思远", "小红", "德顺", "雪琴", "振宇", "美玲", "长河", "冬梅", "景行"),
    *("爱莲", "子安", "凤英", "宏伟", "佳慧", "水生", "素芬", "学文", "晨光", "金枝", "跃进", "若兰"),
    *("木生", "菊香", "正清", "彩云", "亚军", "静怡", "根发", "腊梅", "守信", "月华", "天佑", "巧珍"),
    *("新民", "淑贤", "家和", "秋霞", "炳坤", "细妹", "道远", "芸香", "火根", "云飞", "荣生", "惠芳"),
)


def community(n: int) -> str:
    """The n-th invented community, from 0; 130 different ones."""
    row, column = divmod(n, len(_FIRST))
    return _FIRST[column] + _SECOND[(row + 3 * column) % len(_SECOND)]


def person(n: int) -> str:
    """The n-th invented person, from 0; 2,400 different ones."""
    row, column = divmod(n, len(_SURNAMES))
    return _SURNAMES[column] + _GIVEN[(row + 7 * column) % len(_GIVEN)]
