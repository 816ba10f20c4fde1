"""Whether the name of an indicator says that less of it is better, as 罹患率 and 空き家数 do."""

import re

_ADVERSE = (
    r"(?:人口)?減少(?:者|率|数|幅)|待機|離職|失業|季節労働|滞納|延滞|未納|未収|不納欠損|不登校|いじめ|中退|中途退学"
    r"|事故|犯罪|刑法犯|詐欺|火災|死亡|死者|死傷|自殺|自死|孤独死|孤立|空き家(?!バンク)|空家|空き店舗|空き室|空き地|空室|空床"
    r"|耕作放棄|荒廃農地|遊休農地|ごみ|ゴミ|廃棄|最終処分|不法投棄|排出|赤字|負債|借入|債務|地方債|市債|公債費"
    r"|将来負担|健全化判断|経常収支(?=比率)|未婚|高齢化|転出|流出|欠員|不足|不在|被害|食害|苦情|違反|不満|貧困|虐待"
    r"|暴力|漏水|断水|停電|渋滞|遅延|老朽|廃業|倒産|残業|時間外|超過勤務|所定外労働|長時間労働|要介護|要支援|在院日数|離婚|中絶|無業|救急搬送困難|空き公共施設|空き施設|喫煙|肥満"
    r"|メタボリック(?:シンドローム)?|内臓脂肪症候群|罹患|り患|発症|有病|重症化|透析|う蝕|むし歯|虫歯|低栄養|低出生体重"
    r"|長期入院|欠食|未受診|ひきこもり|CO2|二酸化炭素|温室効果ガス|エネルギー消費|電力使用|食品ロス|かい離|乖離|格差"
)
_ADVERSE_WORD = re.compile(_ADVERSE)
# Only at the end of a name: 空き家数 should fall, 空き家の活用件数 should rise.
_ADVERSE_NAME = re.compile(
    rf"(?:{_ADVERSE})(?:{_ADVERSE}|労働者|認定者|該当者|患者|予備群|及び|・|児童|生徒|世帯|超過|発生|認知|確認|処分|件|量|額|高|率|者"
    r"|数|人員|人口|面積|割合|比率|時間|残高|繰越|の)*(?:\(.*\))?$"
)
_PAST = (
    r"(?:等|など)?(?:が|を)?"
    r"(?:し|され|でき|なされ|行われ|図られ|に至っ|につながっ|に結び[付つ]い)た"
)
# The thing itself is adverse, but its removal is counted.
_REMEDIED = re.compile(
    r"(?:解消|解決|解除|改善|是正|回収|回復|復旧|復帰|復学|登校|再開|再生|再資源化|再利用|リサイクル|利活用|活用|利用|転用"
    r"|除却|解体|撤去|整理|縮減|削減|減量|抑制|防止|予防|回避|脱却|離脱|救済|支援|保護|検挙|摘発|成約|入居|就職)"
    rf"{_PAST}"
)
_DONE = re.compile(rf"(?P<what>[一-龠ァ-ヴー]+){_PAST}")
# A 人口減少率 should fall; the 減少率 of something adverse should rise.
_DECREASE_OF = re.compile(r"(?<!人口)減少(?:率|数|幅)(?:\(.*\))?$")
_HAPPENED = re.compile(rf"(?:{_ADVERSE}|発生|確認|認知)$")
_DIFFERENCE = re.compile(r"かい離|乖離|格差|[のた]差(?:\(.*\))?$|との差|差異|増減|収支|指数|DI")


def should_fall(name: str) -> bool:
    """Return whether less of what is counted is better: 待機児童数, but not 解消した待機児童数."""
    return _ADVERSE_NAME.search(name) is not None and not _REMEDIED.search(name)


def names_something_adverse(name: str) -> bool:
    """Return whether the name has such a word, counted or not: 空き家の活用件数."""
    return _ADVERSE_WORD.search(name) is not None and not _REMEDIED.search(name)


def may_count_a_remedy(name: str) -> bool:
    """Return whether something was done about what should fall: 対応した苦情件数."""
    done = _DONE.search(name)
    return done is not None and should_fall(name) and not _HAPPENED.search(done["what"])


def counts_a_decrease(name: str) -> bool:
    """Return whether a decrease is counted that may be meant well: 対象者の割合の減少率."""
    return _DECREASE_OF.search(name) is not None


def is_difference(name: str) -> bool:
    """Return whether the values are differences or changes: 全国平均とのかい離, 人口増減率."""
    return _DIFFERENCE.search(name) is not None


def is_ratio_of_times(name: str) -> bool:
    """Return whether the values are counted in 倍: 有効求人倍率."""
    return "倍" in name


def is_rank(name: str) -> bool:
    """Return whether the values are places: 魅力度の順位."""
    return re.search(r"(?:順位|ランキング|位)(?:\(.*\))?$", name) is not None
