"""What a plan may choose for its evaluation, and what no plan can change."""

from django.db import models


class Effect(models.TextChoices):
    """効果 of a 交付金, in the words of the state's form."""

    VERY = "very", "非常に効果的"
    CONSIDERABLE = "considerable", "相当程度効果があった"
    SOME = "some", "効果があった"
    NONE = "none", "効果がなかった"


class Response(models.TextChoices):
    """対応: what the city does about an opinion."""

    DONE = "done", "反映済み"
    NEXT_YEAR = "next_year", "次年度に反映"
    CONSIDERED = "considered", "今後検討"
    NOTED = "noted", "参考"
    DIFFICULT = "difficult", "困難"


class MemberField(models.TextChoices):
    """The field that a member of the council stands for: 産官学金労言士, and residents."""

    INDUSTRY = "industry", "産（産業界）"
    GOVERNMENT = "government", "官（行政）"
    SCIENCE = "science", "学（教育）"
    FINANCE = "finance", "金（金融）"
    LABOUR = "labour", "労（労働）"
    MEDIA = "media", "言（メディア）"
    LAW = "law", "士（士業）"
    RESIDENT = "resident", "住民"
    OTHER = "other", "その他"


STANDARD_GRADES = ("Ａ 順調", "Ｂ おおむね順調", "Ｃ やや遅れ", "Ｄ 遅れ")
"""評価 of a measure unless the plan has grades of its own; the best comes first."""

STANDARD_POLICIES = ("拡充", "継続", "見直し", "縮小", "廃止・終了")
"""次年度の方針 unless the plan has a list of its own."""

STANDARD_VERDICTS = ("有効であった", "おおむね有効であった", "有効とはいえない")
"""評価区分 of the council for a goal unless the plan has a list of its own."""
