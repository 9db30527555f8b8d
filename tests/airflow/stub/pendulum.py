from datetime import datetime
from zoneinfo import ZoneInfo


def datetime_in(year, month, day, tz):
    return globals()["_datetime"](year, month, day, tzinfo=ZoneInfo(tz))


_datetime = datetime
datetime = datetime_in
