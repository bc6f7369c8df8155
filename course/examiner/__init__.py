"""The examiner: checks run in this process, which never meets student code, on data that comes out of the sandbox.

examine.py    a notebook in, an executed notebook out
bridge.py     what a check's calls become: requests to the kernel, and objects of our own kept in step with the student's
requests.py   trusted to untrusted: a pickler that lets nothing of a check along
decode.py     untrusted to trusted: data only, believed in nothing
stand_ins.py  the classes that stand for the student's
"""
