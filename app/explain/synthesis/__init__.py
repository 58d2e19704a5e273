"""Pictures that a network makes: what a class, a layer or a whole sheet of units would like to see."""
