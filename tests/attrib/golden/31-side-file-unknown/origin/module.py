def sessions_of(events, gap):
    sessions = []
    for user, moment in sorted(events):
        newest = sessions[-1] if sessions else None
        if newest and newest["user"] == user and moment - newest["end"] <= gap:
            newest["end"] = moment
            newest["events"] += 1
        else:
            sessions.append({"user": user, "begin": moment, "end": moment, "events": 1})
    return [session for session in sessions if session["events"] > 1]
