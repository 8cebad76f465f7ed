def start(*a): return None
def build(*a): pass
