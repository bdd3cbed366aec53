def demo_is_loaded(i): return True
def load_demo(i): pass
